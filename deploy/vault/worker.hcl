# What the API and the workers may do: read the hotels' credentials, store the
# refresh token that a vendor hands out in place of the last one, and purge the
# entry of a hotel that has left. They can neither make entries nor list them.
path "secret/data/voicehive/hotels/*" {
  capabilities = ["read", "update"]
}

# The version alone, to see that a secret was rotated; and the end of an entry
# with all its versions.
path "secret/metadata/voicehive/hotels/*" {
  capabilities = ["read", "delete"]
}

# Wrap and unwrap bucket keys. "update" alone: encrypting under a key that is
# not there would make it, and that takes "create". Reading a key shows its age
# and never the key; with it a destroyed key can be told from a forbidden one.
path "transit/encrypt/voicehive-dek-*" {
  capabilities = ["update"]
}

path "transit/decrypt/voicehive-dek-*" {
  capabilities = ["update"]
}

path "transit/keys/voicehive-dek-*" {
  capabilities = ["read"]
}

# Sign certificates: of erasures, retention runs, off-boardings and packs of
# evidence. It is no key of the audit log, whose public half alone is read here.
path "transit/sign/voicehive-certificates-*" {
  capabilities = ["update"]
}

path "transit/keys/voicehive-certificates-*" {
  capabilities = ["read"]
}

path "transit/keys/voicehive-audit-*" {
  capabilities = ["read"]
}

# Lease the logins of the two databases, and give them back.
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
