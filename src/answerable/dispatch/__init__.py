"""Dispatch: units, who is sent, each step of each job, and the end of the incident."""
