"""Signing in at an OpenID provider: OpenID Connect Core 1.0, the authorization code flow, PKCE."""
