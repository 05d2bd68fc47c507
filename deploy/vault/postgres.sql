-- What the database's administrator does once, so that Vault can make logins
-- there. These become the groups that leased logins are in; they log in
-- themselves no more. Migrate goes on granting them the query roles, so a leased
-- login may take new ones at once. Those of the audit log's sequencer and of the
-- keys' roller are in groups of their own.
create role voicehive_login nologin noinherit;
create role voicehive_sequencer_login nologin noinherit;
create role voicehive_roller_login nologin noinherit;
create role voicehive_vault login createrole password 'rotated-by-vault';
grant voicehive_login, voicehive_sequencer_login, voicehive_roller_login to voicehive_vault with admin option;
-- To end the connections of a login that was revoked.
grant pg_signal_backend to voicehive_vault;
