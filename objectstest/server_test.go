package objectstest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/require"
	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"

	"github.com/voicehive/voicehive/internal/objects/objectstest"
)

// childEnv makes this program the server, on the folder that it names.
const childEnv = "VOICEHIVE_OBJECTS_TEST_FOLDER"

const (
	accessKey = "gateway"
	secretKey = "gateway-and-secret"
	health    = "/healthy"
	user      = "voicehive"
)

// userLogin may do what the buckets' policies let it.
var userLogin = aws.Credentials{AccessKeyID: user, SecretAccessKey: "voicehive-and-secret"}

func TestMain(m *testing.M) {
	if folder := os.Getenv(childEnv); folder != "" {
		fmt.Fprintln(os.Stderr, serve(folder, os.Args[1]))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// serve is the server's process; it ends by being killed.
func serve(folder, address string) error {
	buckets := filepath.Join(folder, "buckets")
	attributes := meta.XattrMeta{}
	if err := attributes.Test(buckets); err != nil {
		return fmt.Errorf("the file system of %s keeps no extended attributes, which this server needs; set TMPDIR: %w", buckets, err)
	}
	disk, err := posix.New(buckets, attributes, posix.PosixOpts{VersioningDir: filepath.Join(folder, "versions"), Concurrency: 64})
	if err != nil {
		return err
	}
	config := &embedgw.Config{
		RootUserAccess: accessKey, RootUserSecret: secretKey, Region: objectstest.Region, Ports: []string{address},
		MaxConnections: 4096, MaxRequests: 128, MultipartMaxParts: 10, KeepAlive: true, Quiet: true, HealthPath: health,
		IAMDir: filepath.Join(folder, "users"),
	}
	if config.IAMService, err = auth.New(config.IamOpts()); err != nil {
		return err
	}
	err = config.IAMService.CreateAccount(auth.Account{Access: user, Secret: userLogin.SecretAccessKey, Role: auth.RoleUser})
	if err != nil && !errors.Is(err, auth.ErrUserExists) {
		return err
	}
	return embedgw.RunVersityGW(context.Background(), disk, config)
}

// A gateway is the server's process. It may be killed and started again.
type gateway struct {
	folder, address string
	child           *exec.Cmd
}

var _ objectstest.Server = (*gateway)(nil)

func startGateway(t testing.TB) *gateway {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	g := &gateway{folder: t.TempDir(), address: listener.Addr().String()}
	require.NoError(t, listener.Close()) // the gateway takes the port
	for _, name := range []string{"buckets", "versions", "users"} {
		require.NoError(t, os.Mkdir(filepath.Join(g.folder, name), 0o700))
	}
	g.start(t)
	t.Cleanup(g.kill)
	return g
}

func (g *gateway) start(t testing.TB) {
	program, err := os.Executable()
	require.NoError(t, err)
	g.child = exec.Command(program, g.address)
	g.child.Env = append(os.Environ(), childEnv+"="+g.folder)
	g.child.Stdout, g.child.Stderr = io.Discard, os.Stderr
	require.NoError(t, g.child.Start())
	require.Eventually(t, func() bool {
		answer, err := http.Get(g.Endpoint() + health)
		return err == nil && answer.Body.Close() == nil && answer.StatusCode == http.StatusOK
	}, time.Minute, 10*time.Millisecond)
}

// kill ends the process as a crash does.
func (g *gateway) kill() {
	_ = g.child.Process.Kill()
	_ = g.child.Wait()
}

func (g *gateway) Endpoint() string { return "http://" + g.address }

func (g *gateway) Login() aws.Credentials {
	return aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: secretKey}
}

func (g *gateway) MakeBucket(t testing.TB, name string, kind objectstest.Kind) {
	client := objectstest.Client(g)
	_, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{
		Bucket: &name, ObjectLockEnabledForBucket: aws.Bool(kind == objectstest.Locked),
		CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: objectstest.Region},
	})
	require.NoError(t, err)
	if kind == objectstest.Versioned {
		_, err := client.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{
			Bucket: &name, VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
		})
		require.NoError(t, err)
	}
}
