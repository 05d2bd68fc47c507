# What the codec server of Temporal's UI may do: unwrap bucket keys, and lease
# the logins of the two databases. It seals nothing.
path "transit/decrypt/voicehive-dek-*" {
  capabilities = ["update"]
}

path "transit/keys/voicehive-dek-*" {
  capabilities = ["read"]
}

path "database/creds/voicehive-app" {
  capabilities = ["read"]
}

path "sys/leases/renew/database/creds/voicehive-app/*" {
  capabilities = ["update"]
}

path "sys/leases/revoke/database/creds/voicehive-app/*" {
  capabilities = ["update"]
}

path "database/creds/voicehive-keys" {
  capabilities = ["read"]
}

path "sys/leases/renew/database/creds/voicehive-keys/*" {
  capabilities = ["update"]
}

path "sys/leases/revoke/database/creds/voicehive-keys/*" {
  capabilities = ["update"]
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
