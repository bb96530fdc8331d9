-- What each role may do inside the hub's schema. Run as the owner after the hub's first start and after
-- every upgrade; running it again changes nothing:
--   psql -h 127.0.0.1 -v ON_ERROR_STOP=1 -U tongcha_owner -f deploy/postgres/grants.sql tongcha
-- Names can be changed: -v schema=.. -v app=.. -v reader=..
-- 授权：首次启动和每次升级之后由属主执行，可重复执行。

\if :{?schema} \else \set schema tongcha \endif
\if :{?app} \else \set app tongcha_app \endif
\if :{?reader} \else \set reader tongcha_reader \endif

revoke all on schema :"schema" from public;
grant usage on schema :"schema" to :"app", :"reader";

grant select, insert, update, delete on all tables in schema :"schema" to :"app";
grant usage, select on all sequences in schema :"schema" to :"app";
alter default privileges in schema :"schema" grant select, insert, update, delete on tables to :"app";
alter default privileges in schema :"schema" grant usage, select on sequences to :"app";

-- 14 views show the live rows of the 14 elements, 14 more (`.._history`) every version; personal columns are sealed
-- in them.
revoke all on all tables in schema :"schema" from :"reader";
select format('grant select on %I.%I to %I', schemaname, viewname, :'reader')
from pg_views
where schemaname = :'schema'
order by viewname
\gexec
