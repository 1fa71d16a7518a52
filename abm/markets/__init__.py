"""Where offers meet: pure clearing."""
