"""``show`` commands. Their handlers get the session; everything printed comes from the model and the data plane."""
