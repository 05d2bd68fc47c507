package objects

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// ErrLogin says that the file with a bucket's login cannot be used.
var ErrLogin = errors.New("objects: the login file needs a line for each of AWS_ACCESS_KEY_ID= and AWS_SECRET_ACCESS_KEY=, and may have one for AWS_SESSION_TOKEN=")

// rereadLogin is how long a login is used before its file is read again: what
// Vault's agent or an administrator wrote there counts without a restart.
const rereadLogin = time.Minute

// A loginFile holds a login in the form of an env file. It is the only source
// of logins: neither the environment nor a cloud's metadata service is asked.
type loginFile string

// Retrieve implements aws.CredentialsProvider.
func (f loginFile) Retrieve(context.Context) (aws.Credentials, error) {
	file, err := os.Open(string(f))
	if err != nil {
		return aws.Credentials{}, fmt.Errorf("%w: %w", ErrLogin, err)
	}
	defer file.Close()
	login := aws.Credentials{Source: "login file", CanExpire: true, Expires: time.Now().Add(rereadLogin)}
	fields := map[string]*string{
		"AWS_ACCESS_KEY_ID": &login.AccessKeyID, "AWS_SECRET_ACCESS_KEY": &login.SecretAccessKey, "AWS_SESSION_TOKEN": &login.SessionToken,
	}
	lines := bufio.NewScanner(io.LimitReader(file, 64<<10))
	for lines.Scan() {
		name, value, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(lines.Text()), "export "), "=")
		if field := fields[strings.TrimSpace(name)]; field != nil {
			*field = strings.Trim(strings.TrimSpace(value), `"'`)
		}
	}
	if err := lines.Err(); err != nil {
		return aws.Credentials{}, fmt.Errorf("%w: %w", ErrLogin, err)
	}
	if !login.HasKeys() {
		return aws.Credentials{}, ErrLogin
	}
	return login, nil
}

// A signer signs with what it is given. The client's own remembers, by the key's
// id alone, what it derived from a secret: a corrected one would count the next
// day.
type signer struct{}

// SignHTTP implements s3.HTTPSignerV4.
func (signer) SignHTTP(ctx context.Context, login aws.Credentials, r *http.Request, payload, service, region string, at time.Time, options ...func(*v4.SignerOptions)) error {
	once := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	return once.SignHTTP(ctx, login, r, payload, service, region, at, options...)
}
