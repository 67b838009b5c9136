"""What goes on for days and weeks: problems, tracked matters, referrals."""
