package objects

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
)

// ErrPlace says that the URL of a bucket cannot be used.
var ErrPlace = errors.New("objects: a bucket's URL looks like s3://bucket/folder?region=eu-central-1, with endpoint=https://host where it is not Amazon's, and ca=file for its authority")

// IsBucket tells whether a setting names a bucket, and not a folder.
func IsBucket(place string) bool { return strings.Contains(place, "://") }

// A place is a folder in a bucket. The region guard reads the same URL.
type place struct {
	bucketName, folder, region, endpoint, ca string
}

var (
	bucketPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	regionPattern = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
)

func parsePlace(text string) (place, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "s3" || u.User != nil || u.Port() != "" || u.Fragment != "" {
		return place{}, ErrPlace // and not what is wrong: a secret could stand in it
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return place{}, ErrPlace
	}
	for name, values := range query {
		if len(values) != 1 || name != "region" && name != "endpoint" && name != "ca" {
			return place{}, ErrPlace
		}
	}
	p := place{
		bucketName: u.Host, folder: strings.Trim(u.Path, "/"), region: query.Get("region"),
		endpoint: query.Get("endpoint"), ca: query.Get("ca"),
	}
	// A name with two hyphens would be one of Amazon's other kinds of bucket,
	// which are at another host.
	if !bucketPattern.MatchString(p.bucketName) || strings.Contains(p.bucketName, "--") {
		return place{}, fmt.Errorf("%w: the bucket has no valid name", ErrPlace)
	}
	if len(p.region) > 40 || !regionPattern.MatchString(p.region) {
		return place{}, fmt.Errorf("%w: the region is missing or no region", ErrPlace)
	}
	if p.folder != "" && checkName(p.folder) != nil {
		return place{}, fmt.Errorf("%w: the folder is no valid name", ErrPlace)
	}
	if p.endpoint == "" {
		p.endpoint = "https://s3." + p.region + ".amazonaws.com"
	}
	return p, checkEndpoint(p.endpoint)
}

// checkEndpoint wants TLS, but for this machine.
func checkEndpoint(endpoint string) error {
	u, err := url.Parse(endpoint)
	if err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
		return fmt.Errorf("%w: the endpoint is no URL of a server", ErrPlace)
	}
	ip, err := netip.ParseAddr(u.Hostname())
	local := u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
	if u.Scheme == "https" || u.Scheme == "http" && local {
		return nil
	}
	return fmt.Errorf("%w: the endpoint must be https; http is for this machine only", ErrPlace)
}

// key is an object's name in the bucket.
func (p place) key(name string) string {
	if p.folder == "" {
		return name
	}
	return p.folder + "/" + name
}

// name is the reverse of key.
func (p place) name(key string) string {
	if p.folder == "" {
		return key
	}
	return strings.TrimPrefix(key, p.folder+"/")
}
