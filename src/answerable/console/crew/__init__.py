"""The phone page of a crew: one unit, one job, four large buttons."""
