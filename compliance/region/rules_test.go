package region_test

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/voicehive/voicehive/compliance/region"
)

var noon = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)

// names is a resolver of a few names; a value with letters is an alias.
type names map[string][]string

func (n names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	canonical, _ := n.LookupCNAME(context.Background(), host)
	var all []netip.Addr
	for _, value := range n[strings.TrimSuffix(canonical, ".")] {
		all = append(all, netip.MustParseAddr(value))
	}
	if all == nil {
		return nil, errors.New("no such host")
	}
	return all, nil
}

func (n names) LookupCNAME(_ context.Context, host string) (string, error) {
	for range 10 {
		values := n[host]
		if len(values) != 1 {
			break
		}
		if _, err := netip.ParseAddr(values[0]); err == nil {
			break
		}
		host = values[0]
	}
	return host + ".", nil
}

// everywhere resolves each name to one address.
type everywhere struct{}

func (everywhere) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	return []netip.Addr{netip.MustParseAddr("198.51.100.7")}, nil
}
func (everywhere) LookupCNAME(_ context.Context, host string) (string, error) {
	return host + ".", nil
}

func rules(t *testing.T) *region.Rules {
	t.Helper()
	r, err := region.Default()
	require.NoError(t, err)
	return r
}

// guard is a production guard with a fixed clock; change alters its options.
func guard(t *testing.T, change func(*region.Options)) *region.Guard {
	t.Helper()
	o := region.Options{Rules: rules(t), Production: true, Resolver: everywhere{}, Now: func() time.Time { return noon }}
	if change != nil {
		change(&o)
	}
	g, err := region.New(o)
	require.NoError(t, err)
	return g
}

func TestTheEEAIsFixed(t *testing.T) {
	t.Parallel()
	r := rules(t)
	members := strings.Fields("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK")
	require.Len(t, members, 30)
	for _, country := range members {
		require.True(t, r.InEEA(country), country)
	}
	for _, country := range []string{"GB", "CH", "US", "TR", "UA", "RS", "AD", "MC", "SM", "VA", "GI", "", "de"} {
		require.False(t, r.InEEA(country), country)
	}
}

func TestWhereHostsStand(t *testing.T) {
	t.Parallel()
	g := guard(t, nil)
	for host, want := range map[string]struct {
		state    region.State
		provider string
		region   string
	}{
		// AWS
		"db.cluster-abc.eu-central-1.rds.amazonaws.com":    {region.Pass, "aws", "eu-central-1"},
		"DB.Cluster-ABC.EU-Central-1.RDS.AmazonAWS.com.":   {region.Pass, "aws", "eu-central-1"},
		"s3.eu-west-1.amazonaws.com":                       {region.Pass, "aws", "eu-west-1"},
		"bucket.with.dots.s3.eu-north-1.amazonaws.com":     {region.Pass, "aws", "eu-north-1"},
		"bucket.s3.dualstack.eu-south-1.amazonaws.com":     {region.Pass, "aws", "eu-south-1"},
		"s3-eu-west-3.amazonaws.com":                       {region.Pass, "aws", "eu-west-3"},
		"kms.eu-south-2.amazonaws.com":                     {region.Pass, "aws", "eu-south-2"},
		"sts.eu-central-1.amazonaws.com":                   {region.Pass, "aws", "eu-central-1"},
		"123456789012.dkr.ecr.eu-central-1.amazonaws.com":  {region.Pass, "aws", "eu-central-1"},
		"b-1.demo.abc.c2.kafka.eu-central-1.amazonaws.com": {region.Pass, "aws", "eu-central-1"},
		"cache.abc.ng.0001.euc1.cache.amazonaws.com":       {region.Pass, "aws", "eu-central-1"},
		"vpce-1-2.kms.eu-central-1.vpce.amazonaws.com":     {region.Pass, "aws", "eu-central-1"},
		"kms.eusc-de-east-1.amazonaws.eu":                  {region.Pass, "aws", "eusc-de-east-1"},
		"db.abc.eu-west-2.rds.amazonaws.com":               {region.Fail, "aws", "eu-west-2"},      // London
		"db.abc.eu-central-2.rds.amazonaws.com":            {region.Fail, "aws", "eu-central-2"},   // Zurich
		"kms.eu-isoe-west-1.amazonaws.com":                 {region.Fail, "aws", "eu-isoe-west-1"}, // not for the public
		"kms.eu-east-9.amazonaws.com":                      {region.Fail, "aws", "eu-east-9"},      // a new one: not in the list
		"kms.us-east-1.amazonaws.com":                      {region.Fail, "aws", "us-east-1"},
		"cache.abc.ng.0001.use1.cache.amazonaws.com":       {region.Fail, "aws", "use1"},
		"cache.abc.ng.0001.euw2.cache.amazonaws.com":       {region.Fail, "aws", "eu-west-2"},
		"s3.amazonaws.com":                                 {region.Fail, "aws", ""},
		"bucket.s3.amazonaws.com":                          {region.Fail, "aws", ""},
		"sts.amazonaws.com":                                {region.Fail, "aws", ""},
		"eu-central-1.s3.amazonaws.com":                    {region.Fail, "aws", ""}, // a bucket's name
		"x.mrap.accesspoint.s3-global.amazonaws.com":       {region.Fail, "aws", ""},
		"eu-central-1.s3.us-east-1.amazonaws.com":          {region.Fail, "aws", "us-east-1"},
		"eu-central-1.abc.us-east-1.rds.amazonaws.com":     {region.Fail, "aws", "us-east-1"},
		"eu-central-1.amazonaws.com":                       {region.Fail, "aws", ""},
		"d111111abcdef8.cloudfront.net":                    {region.Fail, "aws", ""},
		"eu-central-1.rds.amazonaws.com.evil.example":      {region.Unknown, "", ""},
		"db.eu-central-1.rds.amazonaws.com.cn":             {region.Fail, "aws", ""},
		"db.eu-central-1.rds.amazonaws-com.example":        {region.Unknown, "", ""},
		"db.eu-central-1.rds.evilamazonaws.com":            {region.Unknown, "", ""},
		"db.eu-central-1.rds.xn--mazonaws-2fg.com":         {region.Unknown, "", ""},
		"rds.amazonaws.com":                                {region.Fail, "aws", ""},
		"amazonaws.com":                                    {region.Fail, "aws", ""},
		// Azure and Google
		"vm.germanywestcentral.cloudapp.azure.com":      {region.Pass, "azure", "germanywestcentral"},
		"vm.uksouth.cloudapp.azure.com":                 {region.Fail, "azure", "uksouth"},
		"vm.switzerlandnorth.cloudapp.azure.com":        {region.Fail, "azure", "switzerlandnorth"},
		"vm.eastus.cloudapp.azure.com":                  {region.Fail, "azure", "eastus"},
		"westeurope-5.in.applicationinsights.azure.com": {region.Pass, "azure", "westeurope"},
		"db.postgres.database.azure.com":                {region.Unknown, "azure", ""},
		"x.azurefd.net":                                 {region.Fail, "azure", ""},
		"storage.europe-west3.rep.googleapis.com":       {region.Pass, "gcp", "europe-west3"},
		"storage.europe-west2.rep.googleapis.com":       {region.Fail, "gcp", "europe-west2"}, // London
		"storage.europe-west6.rep.googleapis.com":       {region.Fail, "gcp", "europe-west6"}, // Zurich
		"storage.googleapis.com":                        {region.Fail, "gcp", ""},
		"europe-west3-docker.pkg.dev":                   {region.Pass, "gcp", "europe-west3"},
		// Services
		"eu-central-1.aws.api.temporal.io":      {region.Pass, "temporal", "eu-central-1"},
		"eu-west-2.aws.api.temporal.io":         {region.Fail, "temporal", "eu-west-2"},
		"europe-west3.gcp.api.temporal.io":      {region.Pass, "temporal", "europe-west3"},
		"aws-eu-central-1.region.tmprl.cloud":   {region.Pass, "temporal", "eu-central-1"},
		"aws-us-east-1.region.tmprl.cloud":      {region.Fail, "temporal", "us-east-1"},
		"prod.a1b2c.tmprl.cloud":                {region.Unknown, "temporal", ""},
		"saas-api.tmprl.cloud":                  {region.Unknown, "", ""},
		"cloud.temporal.io":                     {region.Fail, "temporal", ""},
		"vault.eu.sip.livekit.cloud":            {region.Pass, "livekit", "eu"},
		"x.us.sip.livekit.cloud":                {region.Fail, "livekit", "us"},
		"x.sip.livekit.cloud":                   {region.Fail, "livekit", ""},
		"project.livekit.cloud":                 {region.Unknown, "livekit", ""},
		"v-public-vault-1.2.z1.hashicorp.cloud": {region.Unknown, "hcp", ""},
		"grpc.nvcf.nvidia.com":                  {region.Fail, "nvidia", ""},
		"GRPC.NVCF.NVIDIA.COM.":                 {region.Fail, "nvidia", ""},
		"integrate.api.nvidia.com":              {region.Fail, "nvidia", ""},
		// Of other classes, and of none
		"api.mews.com":              {region.Fail, "mews", ""},
		"events.eu.pagerduty.com":   {region.Fail, "pagerduty", ""},
		"login.microsoftonline.com": {region.Fail, "entra", ""},
		"db.example":                {region.Unknown, "", ""},
		"localhost":                 {region.Fail, "", ""},
		"127.0.0.1":                 {region.Fail, "", ""},
		"::1":                       {region.Fail, "", ""},
		"0.0.0.0":                   {region.Fail, "", ""},
		"198.51.100.7":              {region.Unknown, "", ""},
	} {
		findings := g.Name(region.Endpoint{Name: "X", Role: region.Vault, Address: host})
		require.Len(t, findings, 1, host)
		f := findings[0]
		require.Equal(t, want.state, f.State, "%s: %s", host, f.Reason)
		require.Equal(t, want.provider, f.Provider, host)
		require.Equal(t, want.region, f.Region, host)
		require.True(t, f.State == region.Pass || f.Reason != "" && f.Refuses(true), host)
	}
}

// A name that ends in a provider's never stands for another provider, whatever
// is in front or behind.
func TestSuffixesDoNotLie(t *testing.T) {
	t.Parallel()
	g := guard(t, nil)
	label := rapid.StringMatching(`[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?`)
	rapid.Check(t, func(t *rapid.T) {
		front := strings.Join(rapid.SliceOfN(label, 0, 4).Draw(t, "front"), ".")
		foreign := rapid.SampledFrom([]string{"us-east-1.rds.amazonaws.com", "eu-west-2.rds.amazonaws.com", "s3.us-west-2.amazonaws.com", "nvcf.nvidia.com", "s3-global.amazonaws.com", "us.sip.livekit.cloud"}).Draw(t, "end")
		if front == "" {
			front = "a"
		}
		f := g.Name(region.Endpoint{Role: region.Objects, Name: "X", Address: front + "." + foreign})[0]
		if f.State == region.Pass {
			t.Fatalf("%s passes", f.Host)
		}
		behind := g.Name(region.Endpoint{Role: region.Vault, Name: "X", Address: "db.x.eu-central-1.rds.amazonaws.com." + label.Filter(func(s string) bool { return s != "cn" && strings.Trim(s, "0123456789") != "" }).Draw(t, "behind")})[0]
		if behind.State == region.Pass {
			t.Fatalf("%s passes", behind.Host)
		}
	})
}

func TestRolesTakeTheirClasses(t *testing.T) {
	t.Parallel()
	g := guard(t, nil)
	word := &region.Attestation{By: "GM", Document: "dpa.pdf", SHA256: strings.Repeat("ab", 32), Hosts: []string{"api.mews.com"}, Until: noon.Add(time.Hour)}
	for _, test := range []struct {
		role    region.Role
		address string
		word    *region.Attestation
		want    region.State
	}{
		{region.System, "https://api.mews.com", word, region.Attested},
		{region.System, "https://API.MEWS.com./x", word, region.Attested},
		{region.System, "https://api.mews.com", nil, region.Unknown},
		{region.System, "https://api.mews-demo.com", word, region.Unknown},
		{region.System, "https://s3.eu-central-1.amazonaws.com", word, region.Fail},
		{region.System, "https://frankfurt.hospitality-api.eu-frankfurt-1.ocs.oraclecloud.com", nil, region.Unknown},
		{region.Identity, "https://login.microsoftonline.com/x", nil, region.Pass},
		{region.Identity, "https://accounts.google.com", nil, region.Pass},
		{region.Identity, "https://api.mews.com", nil, region.Fail},
		{region.Paging, "https://events.pagerduty.com", nil, region.Pass},
		{region.Database, "postgres://u:p@events.pagerduty.com/x", nil, region.Fail},
		{region.Database, "postgres://u:p@a.b.eu-central-1.rds.amazonaws.com,a.b.us-east-1.rds.amazonaws.com/x", nil, region.Pass},
	} {
		findings := g.Name(region.Endpoint{Name: "X", Role: test.role, Address: test.address, Attestation: test.word})
		require.Equal(t, test.want, findings[0].State, "%s: %s", test.address, findings[0].Reason)
	}
	both := g.Name(region.Endpoint{Name: "X", Role: region.Database, Address: "postgres://u:p@a.b.eu-central-1.rds.amazonaws.com,a.b.us-east-1.rds.amazonaws.com/x"})
	require.Len(t, both, 2)
	require.Equal(t, region.Fail, both[1].State)
	require.Equal(t, "X#2", both[1].Endpoint)

	expired := *word
	expired.Until = noon
	require.Equal(t, region.Unknown, g.Name(region.Endpoint{Role: region.System, Address: "https://api.mews.com", Attestation: &expired})[0].State)
}

func TestRulesThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"none":            "",
		"unknown field":   "stars: 5",
		"no source":       "providers: [{name: a, hosts: [a.example]}]",
		"a class":         "providers: [{name: a, source: x, class: friends}]",
		"the world":       "providers: [{name: a, source: x, hosts: ['**.com']}]",
		"a star at last":  "providers: [{name: a, source: x, hosts: ['a.*.com']}]",
		"stars within":    "providers: [{name: a, source: x, hosts: ['a.**.b.example.com']}]",
		"no regions":      "providers: [{name: a, source: x, hosts: ['{region}.b.example.com']}]",
		"nobody's":        "providers: [{name: a, source: x, hosts: ['{b}.b.example.com']}]",
		"twice":           "providers: [{name: a, source: x}, {name: a, source: x}]",
		"not a rule file": "[1, 2]",
	} {
		files := fstest.MapFS{"a.yaml": {Data: []byte(text)}}
		if name == "none" {
			files = fstest.MapFS{}
		}
		_, err := region.ReadRules(files)
		require.ErrorIs(t, err, region.ErrRules, name)
	}
}
