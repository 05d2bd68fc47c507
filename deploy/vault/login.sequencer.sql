create role "{{name}}" login noinherit password '{{password}}' valid until '{{expiration}}' in role voicehive_sequencer_login;
