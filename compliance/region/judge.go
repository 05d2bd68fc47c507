package region

import (
	"fmt"
	"slices"
	"time"
)

// judge tells what is known of a host by its name, in a role.
func (g *Guard) judge(e Endpoint, h Host) Finding {
	f := Finding{Endpoint: e.Name, Role: e.Role, Tenant: e.Tenant, Host: h.String(), Class: Unclassified}
	if h.local() {
		return g.judgeLocal(f)
	}
	if h.IP.IsValid() && nowhere(h.IP) || h.Range.IsValid() && nowhere(h.Range.Addr()) {
		return f.fail("no server stands at a link-local, multicast or metadata address")
	}
	v := g.classify(h)
	f.Class, f.Provider, f.Region, f.Country = v.class, v.provider, v.region, v.country
	if v.declared != nil {
		f.Evidence = v.declared.Evidence.Document + ", " + v.declared.By + ", " + v.declared.On.Format(time.DateOnly)
	}
	switch {
	case v.refused != "":
		return f.fail("%s", v.refused)
	case v.class == Unclassified:
		return f.unknown(unclassified(v, h))
	case v.declared != nil && v.declared.Until.over(g.now()):
		return f.fail("its declaration ran out on %s; renew the evidence", v.declared.Until.Format(time.DateOnly))
	case !slices.Contains(e.Role.classes(), v.class):
		return f.fail("its class is %s, and for %s it must be %s", v.class, e.Role, e.Role.classes()[0])
	case v.class == Controller:
		return g.judgeController(f, e)
	case v.class == NoPersonalData:
		return f.pass("")
	}
	return g.judgeOurs(f)
}

// classify asks the rules first, and a declaration where they do not know.
func (g *Guard) classify(h Host) verdict {
	v := verdict{class: Unclassified}
	if h.Name != "" {
		known, ok := g.known.Get(h.Name)
		if !ok {
			known = g.rules.match(h.Name)
			g.known.Add(h.Name, known)
		}
		if v = known; !v.declarable {
			return v
		}
	}
	if d := g.declared.of(h); d != nil {
		return verdict{class: d.Class, provider: d.Provider, region: d.Region, country: d.Country, declared: d}
	}
	return v
}

func unclassified(v verdict, h Host) string {
	switch {
	case h.Range.IsValid():
		return "a range does not say where it is; name it among the addresses of a host in VOICEHIVE_REGION_FILE"
	case h.IP.IsValid():
		return "an address does not say where it is; use the name, or declare the address in VOICEHIVE_REGION_FILE"
	case v.provider != "":
		return "the names of " + v.provider + " do not say the region here; declare the host in VOICEHIVE_REGION_FILE, with evidence"
	}
	return "nobody told where this host is; declare it in VOICEHIVE_REGION_FILE, with evidence"
}

func (g *Guard) judgeLocal(f Finding) Finding {
	f.Class = Loopback
	if g.production {
		return f.fail("this machine is for development only; name the server itself")
	}
	return f.pass("development only")
}

func (g *Guard) judgeOurs(f Finding) Finding {
	where := f.Country
	if f.Region != "" {
		where = f.Region
	}
	switch {
	case f.Country == "":
		return f.fail("%s is not in the list of regions in the EEA", where)
	case g.rules.InEEA(f.Country):
		return f.pass("")
	}
	if e, ok := g.declared.exempt(f.Country, g.now()); ok {
		f.Evidence = e.Decision + ", " + e.By
		return f.pass("not in the EEA; excepted until " + e.Until.Format(time.DateOnly))
	}
	return f.fail("%s is in %s, which is not in the EEA", where, f.Country)
}

// judgeController takes the controller's word, while it holds and for the hosts
// that it was given for.
func (g *Guard) judgeController(f Finding, e Endpoint) Finding {
	a := e.Attestation
	switch {
	case a == nil:
		return f.unknown("the hotel has not attested where its system is; record it: voicehive region attest")
	case !g.now().Before(a.Until):
		return f.unknown("the hotel's attestation ran out on " + a.Until.Format(time.DateOnly) + "; ask for a new one: voicehive region attest")
	case !slices.Contains(a.Hosts, f.Host):
		return f.unknown("the hotel's attestation is for other hosts; ask for a new one: voicehive region attest")
	}
	f.State, f.Evidence = Attested, a.Document+", "+a.By
	f.Reason = "until " + a.Until.Format(time.DateOnly)
	return f
}

func (f Finding) pass(reason string) Finding    { f.State, f.Reason = Pass, reason; return f }
func (f Finding) unknown(reason string) Finding { f.State, f.Reason = Unknown, reason; return f }
func (f Finding) fail(format string, args ...any) Finding {
	f.State, f.Reason = Fail, fmt.Sprintf(format, args...)
	return f
}
