"""What members put in and get back: shares."""
