"""What each actor decides: pure functions of plain numbers."""
