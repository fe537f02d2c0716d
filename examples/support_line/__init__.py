"""A support line in several files: the app in main.py, its calls and its messages in routers."""
