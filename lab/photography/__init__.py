"""The photographer of `screenshots`: a program of its own, which needs Playwright."""
