package objects

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

const (
	// slowest is the least that bytes have to move, in bytes a second; a request
	// takes that long, besides its patience.
	slowest = 128 << 10
	// attempts is how often a request is sent that gets no answer.
	attempts = 3
	// mostPages bounds how many answers of a thousand entries one question may
	// have.
	mostPages = 100
)

// BucketOptions say where a bucket is. All but Patience are needed.
type BucketOptions struct {
	// URL is s3://bucket/folder?region=eu-central-1, with endpoint=https://host
	// for a server that is not Amazon's and ca=file for its authority.
	URL string
	// LoginFile has the bucket's login as an env file; see ErrLogin. It is read
	// again each minute.
	LoginFile string
	// Transport is the way there, the region guard's. Nothing else is used, and
	// of the environment nothing at all.
	Transport *http.Transport
	// Patience is how long an answer may take. Default 10 s.
	Patience time.Duration
}

// bucket is what the two kinds of bucket share: a client that goes nowhere else,
// and the versions of an object.
type bucket struct {
	place
	client   *s3.Client
	login    *aws.CredentialsCache
	patience time.Duration
	checked  atomic.Bool
}

func newBucket(o BucketOptions) (*bucket, error) {
	p, err := parsePlace(o.URL)
	if err != nil {
		return nil, err
	}
	if o.Transport == nil || o.LoginFile == "" {
		return nil, errors.New("objects: a bucket needs a transport and a login file")
	}
	if o.Patience <= 0 {
		o.Patience = 10 * time.Second
	}
	transport := o.Transport.Clone()
	transport.ResponseHeaderTimeout = o.Patience
	if p.ca != "" {
		if transport.TLSClientConfig, err = trust(p.ca); err != nil {
			return nil, err
		}
	}
	login := aws.NewCredentialsCache(loginFile(o.LoginFile))
	return &bucket{place: p, login: login, patience: o.Patience, client: s3.New(s3.Options{
		Region: p.region, BaseEndpoint: &p.endpoint,
		// The bucket stays out of the host's name, which the region guard knows.
		UsePathStyle: true,
		Credentials:  login,
		HTTPSignerV4: signer{},
		HTTPClient: &http.Client{
			Transport:     transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		Retryer: retry.NewStandard(func(s *retry.StandardOptions) {
			s.MaxAttempts, s.MaxBackoff = attempts, 500*time.Millisecond
		}),
		// The checksum is given with each object; others that servers do not
		// know would only be in the way.
		RequestChecksumCalculation:  aws.RequestChecksumCalculationWhenRequired,
		ResponseChecksumValidation:  aws.ResponseChecksumValidationWhenRequired,
		DisableS3ExpressSessionAuth: aws.Bool(true),
	})}, nil
}

func trust(file string) (*tls.Config, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("objects: reading the store's authority: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("objects: %s holds no certificate", file)
	}
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, nil
}

// lasting is how long one question may last that moves some bytes.
func (b *bucket) lasting(bytes int64) time.Duration {
	return attempts*b.patience + time.Duration(bytes/slowest)*time.Second
}

func (b *bucket) bound(ctx context.Context, bytes int64) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, b.lasting(bytes))
}

// failure says what an error of the client means. A login that was refused may
// have been changed: its file is read again the next time.
func (b *bucket) failure(doing string, err error) error {
	err = failure(doing, err)
	if errors.Is(err, ErrDenied) {
		b.login.Invalidate()
	}
	return err
}

// locked tells whether the bucket has Object Lock.
func (b *bucket) locked(ctx context.Context) (bool, error) {
	ctx, cancel := b.bound(ctx, 0)
	defer cancel()
	answer, err := b.client.GetObjectLockConfiguration(ctx, &s3.GetObjectLockConfigurationInput{Bucket: &b.bucketName})
	if err = b.failure("asking for the bucket's lock", err); errors.Is(err, errUnlocked) || errors.Is(err, errUnknown) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	c := answer.ObjectLockConfiguration
	return c != nil && c.ObjectLockEnabled == types.ObjectLockEnabledEnabled, nil
}

// A version is one that an object has or had, or the marker of a deletion.
type version struct {
	key, id string
	marker  bool
}

// pages goes through the versions of the objects whose keys begin with prefix
// and come after a key: by key, and the newest first. It ends when see returns
// false.
func (b *bucket) pages(ctx context.Context, prefix, after string, see func(version) bool) error {
	input := &s3.ListObjectVersionsInput{Bucket: &b.bucketName, Prefix: &prefix}
	if after != "" {
		input.KeyMarker = &after
	}
	for range mostPages {
		answer, err := b.page(ctx, input)
		if err != nil {
			return err
		}
		for _, v := range merged(answer) {
			if !see(v) {
				return nil
			}
		}
		if !aws.ToBool(answer.IsTruncated) {
			return nil
		}
		if aws.ToString(answer.NextKeyMarker) == "" {
			break
		}
		input.KeyMarker, input.VersionIdMarker = answer.NextKeyMarker, answer.NextVersionIdMarker
	}
	return fmt.Errorf("objects: listing versions: %w: there is no end of them", ErrRefused)
}

func (b *bucket) page(ctx context.Context, input *s3.ListObjectVersionsInput) (*s3.ListObjectVersionsOutput, error) {
	ctx, cancel := b.bound(ctx, 0)
	defer cancel()
	answer, err := b.client.ListObjectVersions(ctx, input)
	// Any page that some proxy answers with would be an empty list, and an empty
	// list is a proof of erasure.
	if err == nil && aws.ToString(answer.Name) != b.bucketName {
		return nil, fmt.Errorf("objects: listing versions: %w: it does not name the bucket", ErrUnreachable)
	}
	return answer, b.failure("listing versions", err)
}

// merged are the entries of a page by key, the server's order kept within each:
// it tells versions and markers apart, and the newest of each first.
func merged(page *s3.ListObjectVersionsOutput) []version {
	all := make([]version, 0, len(page.Versions)+len(page.DeleteMarkers))
	markers := page.DeleteMarkers
	take := func(until string, whole bool) {
		for len(markers) > 0 && (whole || aws.ToString(markers[0].Key) <= until) {
			all = append(all, version{aws.ToString(markers[0].Key), aws.ToString(markers[0].VersionId), true})
			markers = markers[1:]
		}
	}
	for _, v := range page.Versions {
		take(aws.ToString(v.Key), false)
		all = append(all, version{aws.ToString(v.Key), aws.ToString(v.VersionId), false})
	}
	take("", true)
	return all
}

// versions are those of one object, the newest first and at most some.
func (b *bucket) versions(ctx context.Context, name string, most int) (all []version, err error) {
	key := b.key(name)
	err = b.pages(ctx, key, "", func(v version) bool {
		if v.key == key {
			all = append(all, v)
		}
		// Longer keys that begin with this one come after it.
		return v.key == key && len(all) < most
	})
	return all, err
}
