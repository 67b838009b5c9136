"""The contract with other programs: what the HTTP door takes, tells and promises."""
