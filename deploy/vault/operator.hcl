# What `voicehive credentials` needs: make entries, replace them and list them.
# Deleting is left to Vault's own administrators.
path "secret/data/voicehive/hotels/*" {
  capabilities = ["create", "read", "update"]
}

path "secret/metadata/voicehive/hotels/*" {
  capabilities = ["read", "list"]
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
