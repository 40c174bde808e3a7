"""The OpenSubsonic API on our catalogue: one function a call, named after it. How it is spoken stands in ``subsonic``, which knows no catalogue."""
