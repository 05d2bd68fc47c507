-- What the database's administrator does once, so that Vault can make logins
-- there. voicehive_login becomes the group that every leased login is in; it
-- logs in itself no more. Migrate goes on granting it the query roles, so a
-- leased login may take new ones at once.
create role voicehive_login nologin noinherit;
create role voicehive_vault login createrole password 'rotated-by-vault';
grant voicehive_login to voicehive_vault with admin option;
-- To end the connections of a login that was revoked.
grant pg_signal_backend to voicehive_vault;
