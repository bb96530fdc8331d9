-- Is the hub well? One line a sign: what, how much, the limit, and 'look' where the limit is exceeded.
--   psql -h 127.0.0.1 -U tongcha_app -f deploy/postgres/watch.sql tongcha        (-v schema=.. for another schema)
-- 运行状况：每行一个指标，超限者标 look，处理办法见 runbook.md。

\if :{?schema} \else \set schema tongcha \endif
set search_path to :"schema";

with clock as (select (extract(epoch from clock_timestamp()) * 1000)::bigint as now_ms),
sign (ord, sign, meaning, value, most) as (
  select 1, 'inbox_oldest_s', '最早未入库的记录包（秒）',
    coalesce((select (max(now_ms) - min(held_ms)) / 1000 from inbox, clock), 0), 300
  union all
  select 2, 'inbox_records', '待入库记录', coalesce((select sum(records) from inbox), 0)::bigint, 1000000
  union all
  select 3, 'ledger_pending', '台账待处理', coalesce((select sum(pending) from ledger), 0)::bigint, 1000000
  union all
  select 4, 'ledger_out_of_balance', '台账不平的行',
    (select count(*) from ledger where received <> stored + rejected + duplicate + pending), 0
  union all
  select 5, 'cases_unjudged', '待研判办件', (select count(*) from cases where facts_rev > judged_rev), 100000
  union all
  select 6, 'looks_overdue', '过时未检查的办件',
    (select count(*) from cases, clock where next_look_ms < now_ms - 300000), 0
  union all
  select 7, 'nodes_silent_1d', '一天未报送的节点',
    (select count(*) from node, clock where coalesce(greatest(last_seen_ms, heard_ms), registered_ms) < now_ms - 86400000), 0
  union all
  select 8, 'turned_away_1h', '一小时内拒之门外的信封',
    (select count(*) from turned_away, clock where at_ms > now_ms - 3600000), 0
  union all
  select 9, 'outgoing_oldest_s', '最早未上报的批次（秒）',
    coalesce((select (max(now_ms) - min(created_ms)) / 1000 from outgoing, clock where state in ('waiting', 'packed')), 0), 3600
  union all
  select 10, 'outgoing_held', '上级中心拒绝的批次', (select count(*) from outgoing where state = 'held'), 0
  union all
  select 11, 'quarantine', '隔离的记录包', (select count(*) from quarantine), 0
  union all
  select 12, 'jobs_failing', '失败的定时任务', (select count(*) from job where fails > 0), 0
)
select sign, meaning, value, most, case when value > most then 'look' else 'well' end as verdict
from sign
order by ord;
