# What the API and the workers may do: read the hotels' credentials, and store
# the refresh token that a vendor hands out in place of the last one. They can
# neither make entries, nor list, nor delete them.
path "secret/data/voicehive/hotels/*" {
  capabilities = ["read", "update"]
}

# The version alone, to see that a secret was rotated.
path "secret/metadata/voicehive/hotels/*" {
  capabilities = ["read"]
}

# Their own token: look at it, renew it, give it back.
path "auth/token/lookup-self" {
  capabilities = ["read"]
}

path "auth/token/renew-self" {
  capabilities = ["update"]
}

path "auth/token/revoke-self" {
  capabilities = ["update"]
}
