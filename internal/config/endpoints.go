package config

import "strings"

// An Endpoint is a setting that says where something outside this process is.
type Endpoint struct {
	Setting string
	// Purpose is what stands there, by the names of package compliance/region.
	Purpose string
	// Shape is how the setting holds its addresses.
	Shape Shape
}

// Shape is how a setting holds addresses.
type Shape int

// A setting holds one address, several separated by commas, several with an
// audience each, or the URL of a bucket where it is not a folder.
const (
	One Shape = iota
	Many
	Audiences
	Place
)

// Endpoints lists every setting that is an address, those too that libraries
// read by themselves. Where Temporal is, package temporal tells.
func Endpoints() []Endpoint {
	return []Endpoint{
		{"DATABASE_URL", "database", One},
		{"KEYS_DATABASE_URL", "database", One},
		{"VAULT_ADDR", "vault", One},
		{"VOICEHIVE_OIDC", "identity", Audiences},
		{"RIVA_ADDRESS", "speech", One},
		{"LIVEKIT_URL", "media", One},
		{"VOICEHIVE_PRESIDIO", "detection", One},
		{"VOICEHIVE_MEDIA_NODES", "media", Many},
		{"VOICEHIVE_SMTP", "messages", One},
		{"VOICEHIVE_SMS", "messages", One},
		{"OTEL_EXPORTER_OTLP_ENDPOINT", "telemetry", One},
		{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "telemetry", One},
		{"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "telemetry", One},
		{"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "telemetry", One},
		{"VOICEHIVE_AUDIT_STORE", "objects", Place},
		{"VOICEHIVE_RECORDINGS", "objects", Place},
		{"AWS_ENDPOINT_URL", "objects", One},
		{"AWS_ENDPOINT_URL_S3", "objects", One},
		{"HTTP_PROXY", "proxy", One},
		{"http_proxy", "proxy", One},
		{"HTTPS_PROXY", "proxy", One},
		{"https_proxy", "proxy", One},
		{"VAULT_PROXY_ADDR", "proxy", One},
		{"VAULT_HTTP_PROXY", "proxy", One},
	}
}

// Addresses are those in a value of the setting. A malformed value is one
// address, which whoever reads it refuses.
func (e Endpoint) Addresses(value string) []string {
	if e.Shape == One {
		if strings.TrimSpace(value) == "" {
			return nil
		}
		return []string{value}
	}
	if e.Shape == Place {
		if !(Objects{Place: value}).Bucket() {
			return nil
		}
		return []string{value}
	}
	var all []string
	for _, item := range strings.Split(value, ",") {
		if item = strings.TrimSpace(item); item == "" {
			continue
		}
		if e.Shape == Audiences {
			item, _, _ = strings.Cut(item, "=")
		}
		all = append(all, item)
	}
	return all
}
