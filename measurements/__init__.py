"""The Internet and the agreement: no web, no SQL, no scheduler, no environment."""
