"""Who owns it: classes, admission, offices, the register."""
