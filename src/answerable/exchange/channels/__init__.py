"""Alerting channels: how a crew hears that it is sent, reminded or called off. Adapters outside."""
