# What rolls the wrapping keys' epochs: make the next key, wrap under it what
# the last one wraps, destroy the last one. A workload of its own, for whoever
# can destroy a key can lose every guest's data.
#
# The parameters are fixed, here and for what lies below a key (config, rotate),
# so that not even this login can make a key that may be exported, or change one
# into such a key.
path "transit/keys/voicehive-dek-*" {
  capabilities = ["create", "read", "update", "delete"]
  allowed_parameters = {
    "type"                   = ["aes256-gcm96"]
    "exportable"             = [false]
    "allow_plaintext_backup" = [false]
    "deletion_allowed"       = [true]
  }
}

path "transit/keys" {
  capabilities = ["list"]
}

path "transit/encrypt/voicehive-dek-*" {
  capabilities = ["update"]
}

path "transit/decrypt/voicehive-dek-*" {
  capabilities = ["update"]
}

# The main database, to tell the audit log of each roll and each destroyed key,
# and nothing else there.
path "database/creds/voicehive-house" {
  capabilities = ["read"]
}

path "sys/leases/renew/database/creds/voicehive-house/*" {
  capabilities = ["update"]
}

path "sys/leases/revoke/database/creds/voicehive-house/*" {
  capabilities = ["update"]
}

path "database/creds/voicehive-roller" {
  capabilities = ["read"]
}

path "sys/leases/renew/database/creds/voicehive-roller/*" {
  capabilities = ["update"]
}

path "sys/leases/revoke/database/creds/voicehive-roller/*" {
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
