package auth

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/voicehive/voicehive/starter"
)

func TestAuthorize(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		caller Caller
		hotel  string
		roles  []Role
		ok     bool
	}{
		"agent of the hotel":           {Caller{Roles: []Role{RoleAgent}, Hotels: []string{"alpha"}}, "alpha", []Role{RoleAgent}, true},
		"agent of two hotels":          {Caller{Roles: []Role{RoleAgent}, Hotels: []string{"alpha", "beta"}}, "beta", []Role{RoleAgent}, true},
		"one of several roles":         {Caller{Roles: []Role{RoleOps}, Hotels: []string{"alpha"}}, "alpha", []Role{RoleAgent, RoleOps}, true},
		"admin of all hotels":          {Caller{Roles: []Role{RoleAdmin}, Hotels: []string{AllHotels}}, "beta", []Role{RoleAdmin}, true},
		"another hotel":                {Caller{Roles: []Role{RoleAgent}, Hotels: []string{"alpha"}}, "beta", []Role{RoleAgent}, false},
		"another role":                 {Caller{Roles: []Role{RoleOps}, Hotels: []string{"alpha"}}, "alpha", []Role{RoleAgent}, false},
		"an agent has no star":         {Caller{Roles: []Role{RoleAgent}, Hotels: []string{AllHotels}}, "alpha", []Role{RoleAgent}, false},
		"the star is not a hotel":      {Caller{Roles: []Role{RoleAgent}, Hotels: []string{AllHotels}}, AllHotels, []Role{RoleAgent}, false},
		"an admin is bound to hotels":  {Caller{Roles: []Role{RoleAdmin}, Hotels: []string{"alpha"}}, "beta", []Role{RoleAdmin}, false},
		"admin is not every role":      {Caller{Roles: []Role{RoleAdmin}, Hotels: []string{AllHotels}}, "alpha", []Role{RoleAgent}, false},
		"no hotel":                     {Caller{Roles: []Role{RoleAgent}, Hotels: []string{""}}, "", []Role{RoleAgent}, false},
		"nothing may do nothing":       {Caller{}, "alpha", []Role{RoleAgent}, false},
		"no role is ever enough":       {Caller{Roles: []Role{RoleAgent}, Hotels: []string{"alpha"}}, "alpha", nil, false},
		"a prefix is not the hotel":    {Caller{Roles: []Role{RoleAgent}, Hotels: []string{"alpha"}}, "alpha-2", []Role{RoleAgent}, false},
		"another letter case is other": {Caller{Roles: []Role{RoleAgent}, Hotels: []string{"alpha"}}, "Alpha", []Role{RoleAgent}, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := Authorize(c.caller, c.hotel, c.roles...)
			if c.ok {
				require.NoError(t, err)
				return
			}
			var problem *starter.Problem
			require.ErrorAs(t, err, &problem)
			require.Equal(t, starter.Forbidden.Code, problem.Code)
		})
	}
}

// A caller bound to some hotels never gets into another one, whatever its
// roles, unless it is an admin with the star.
func TestAuthorizeKeepsTenantsApart(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		hotels := rapid.SampledFrom([]string{"alpha", "beta", "gamma", AllHotels, ""})
		c := Caller{
			Roles:  rapid.SliceOf(rapid.SampledFrom(Roles())).Draw(t, "roles"),
			Hotels: rapid.SliceOf(hotels).Draw(t, "hotels"),
		}
		hotel := hotels.Draw(t, "hotel")
		if Authorize(c, hotel, Roles()...) != nil {
			return
		}
		var named, star, admin bool
		for _, h := range c.Hotels {
			named = named || h == hotel && h != "" && h != AllHotels
			star = star || h == AllHotels
		}
		for _, r := range c.Roles {
			admin = admin || r == RoleAdmin
		}
		if !named && (!star || !admin) {
			t.Fatalf("%+v came into %q", c, hotel)
		}
	})
}

func TestBoundAt(t *testing.T) {
	t.Parallel()
	members := map[string][]string{"compliance": {"officer"}, "agent": {"officer", "bot"}, "wizard": {"officer"}}
	officer := BoundAt("officer", "aurora-berlin", members)
	require.Equal(t, []Role{RoleAgent, RoleCompliance}, officer.Roles, "roles that do not exist bind nobody")
	require.NoError(t, Authorize(officer, "aurora-berlin", RoleCompliance))
	require.Error(t, Authorize(officer, "other-hotel", RoleCompliance), "an entry binds to its own hotel only")
	require.Error(t, Authorize(BoundAt("bot", "aurora-berlin", members), "aurora-berlin", RoleCompliance))
	require.Empty(t, BoundAt("stranger", "aurora-berlin", members).Roles)
}
