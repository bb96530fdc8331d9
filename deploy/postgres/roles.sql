-- Roles and the database of a hub. Run once, by a superuser, with psql:
--   psql -v ON_ERROR_STOP=1 -f deploy/postgres/roles.sql postgres
-- Names can be changed: -v database=.. -v owner=.. -v app=.. -v reader=.. -v backup=..
-- No password stands here. Give each role that logs in its own afterwards, so that it is sent as a hash:
--   \password tongcha_owner
-- 角色与数据库：由超级用户执行一次；口令随后用 \password 设置，不写入文件。

\if :{?database} \else \set database tongcha \endif
\if :{?owner} \else \set owner tongcha_owner \endif
\if :{?app} \else \set app tongcha_app \endif
\if :{?reader} \else \set reader tongcha_reader \endif
\if :{?backup} \else \set backup tongcha_backup \endif

-- owner: brings the tables to the hub's version (migrations). 属主：建表与升级
create role :"owner" login nosuperuser nocreatedb nocreaterole noinherit connection limit 20;
-- app: reads and writes rows, creates nothing. 应用：只读写数据，不能改表结构
create role :"app" login nosuperuser nocreatedb nocreaterole noinherit connection limit 40;
-- reader: the office's database administrator; the 14 views and nothing else. 只读：仅十四个要素视图
create role :"reader" login nosuperuser nocreatedb nocreaterole noinherit connection limit 10;
-- backup: pg_dump. 备份：仅供 pg_dump
create role :"backup" login nosuperuser nocreatedb nocreaterole inherit connection limit 2;
grant pg_read_all_data to :"backup";

create database :"database" owner :"owner" template template0 encoding 'UTF8';
revoke all on database :"database" from public;
grant connect, temporary on database :"database" to :"app";
grant connect on database :"database" to :"reader", :"backup";

-- A statement that runs away, or a transaction left open, must not stop the exchange.
alter role :"reader" in database :"database" set statement_timeout = '60s';
alter role :"reader" in database :"database" set idle_in_transaction_session_timeout = '60s';
alter role :"reader" in database :"database" set default_transaction_read_only = on;
alter role :"app" in database :"database" set idle_in_transaction_session_timeout = '5min';
