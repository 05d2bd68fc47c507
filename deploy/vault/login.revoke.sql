alter role "{{name}}" nologin;
select pg_terminate_backend(pid) from pg_stat_activity where usename = '{{name}}';
drop role if exists "{{name}}";
