"""The link portal: an agency without a system of its own sees one referral, and answers it."""
