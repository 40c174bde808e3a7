"""What members put in and get back: shares, and claims of those who left."""
