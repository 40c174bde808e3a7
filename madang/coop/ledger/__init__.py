"""Where money is: accounts, transfers, entries, holds."""
