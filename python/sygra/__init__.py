"""The names that helpers of SyGra tasks import, so that those helpers run without SyGra installed."""
