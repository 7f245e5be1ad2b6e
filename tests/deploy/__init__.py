"""What deploy/ holds, tried as far as a machine without containers can."""
