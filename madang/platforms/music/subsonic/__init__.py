"""The OpenSubsonic protocol, as plain data and functions: no model and no Django is known here, so that its tester can speak to any server."""
