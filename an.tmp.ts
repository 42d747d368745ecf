import { readQueueFile } from './src/cli/history/queue-file.ts';
import { ReplayedHistory } from './src/core/replay/replayed-history.ts';
import { forecastStarts } from './src/core/forecast/start-forecast.ts';
import { RUNS_POOL } from './src/core/model/run.ts';
const f=process.argv[2]!; const slots=+(process.argv[3]??20);
const { runs } = await readQueueFile(f,{slots,oneTenant:false});
let fromMs=Infinity,toMs=-Infinity; for(const r of runs){fromMs=Math.min(fromMs,r.heldSinceMs);toMs=Math.max(toMs,r.finishedAtMs+1);}
const pool={name:RUNS_POOL,size:slots,otherUse:0,paused:false,doubt:null};
const h=new ReplayedHistory({window:{fromMs,toMs},past:runs,earlier:[],rules:{pools:[pool],priorities:[{name:'normal',patienceMs:1800000}],tenants:[],maxGrants:4},firstEstimate:{p50Ms:600000,p90Ms:7200000},limits:{moments:100,steps:48,named:10,groups:20}});
const sc=h.scoring('penstock','as-before',{replications:100,runReplicationsMax:2e7,seed:1});
const seen=new Set();
for(const at of sc.momentsMs){ const m=sc.momentAt(at); const fresh=m.snapshot.held.filter(r=>!seen.has(r.id)&&sc.truth.has(r.id)); if(!fresh.length)continue; const g=forecastStarts({...m,replications:100,seed:1}); let st=g.next(); while(!st.done)st=g.next(); let c=0,lo=0,b=[] as number[]; const fc=st.value;
 for(const r of fresh){seen.add(r.id); const q=fc.get(r.id)!.startAtMs; const t=sc.truth.get(r.id)!.startMs; if(t<=q.p90)c++; if(t<q.p10)lo++; b.push((t-q.p50)/60000);} b.sort((x,y)=>x-y);
 // arrivals next 3h real vs futures
 const H=3*3600e3; const real=runs.filter(r=>r.heldSinceMs>at&&r.heldSinceMs<=at+H).length; const fut=m.futures.map(f=>f.filter(r=>r.heldSinceMs<=at+H).length).sort((x,y)=>x-y);
 const work=(rs:any[])=>rs.reduce((s,r)=>s+(r.finishedAtMs-r.startedAtMs),0)/3600e3;
 console.log('day',((at-fromMs)/86400e3).toFixed(2),'held',m.snapshot.held.length,'fresh',fresh.length,'P90',(c/fresh.length).toFixed(2),'below10',(lo/fresh.length).toFixed(2),'bias min',b[b.length>>1]!.toFixed(0),'next3h real',real,'fut',fut[0],fut[fut.length>>1],fut[fut.length-1]);}
