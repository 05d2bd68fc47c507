# What the audit log's sequencer may do, `voicehive audit sequence` or a worker
# that has this beside its own policy: sign checkpoints. It can neither make
# nor rotate nor export the signing key; a database administrator cannot sign.
path "transit/sign/voicehive-audit-*" {
  capabilities = ["update"]
}

# The public halves, by version.
path "transit/keys/voicehive-audit-*" {
  capabilities = ["read"]
}

path "database/creds/voicehive-sequencer" {
  capabilities = ["read"]
}

path "sys/leases/renew/database/creds/voicehive-sequencer/*" {
  capabilities = ["update"]
}

path "sys/leases/revoke/database/creds/voicehive-sequencer/*" {
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
