-- What the database's administrator does once: logins and databases. Tables,
-- policies and narrow roles are the work of `voicehive migrate`. The passwords
-- are for development.
create role voicehive_owner login createrole password 'development-only';
create role voicehive_login login noinherit password 'development-only';
create database voicehive owner voicehive_owner;
create database voicehive_keys owner voicehive_owner;

create role temporal login password 'development-only';
create database temporal owner temporal;
create database temporal_visibility owner temporal;
