package deploy

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/stretchr/testify/require"
)

// project is the compose file, checked against compose's own schema.
func project(t *testing.T) *types.Project {
	t.Helper()
	const file = "../docker-compose.yml"
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	folder, err := filepath.Abs("..")
	require.NoError(t, err)
	loaded, err := loader.LoadWithContext(t.Context(), types.ConfigDetails{
		WorkingDir:  folder,
		ConfigFiles: []types.ConfigFile{{Filename: file, Content: content}},
		Environment: types.Mapping{},
	}, loader.WithProfiles([]string{"*"}))
	require.NoError(t, err)
	return loaded
}

// once are the services that do their work and end.
var once = map[string]bool{"migrate": true, "hotel": true}

func TestServicesAreHardened(t *testing.T) {
	t.Parallel()
	pinned := regexp.MustCompile(`^[a-z0-9-]+:[A-Za-z0-9._-]+$`)
	nonRoot := regexp.MustCompile(`^[1-9][0-9]*:[1-9][0-9]*$`)
	services := project(t).Services
	require.Len(t, services, 9)
	for name, s := range services {
		require.Regexp(t, pinned, s.Image, name)
		require.NotContains(t, s.Image, ":latest", name)
		require.Regexp(t, nonRoot, s.User, "%s must not run as root", name)
		require.True(t, s.ReadOnly, "%s: the root file system must be read-only", name)
		require.False(t, s.Privileged, name)
		require.Equal(t, []string{"ALL"}, s.CapDrop, name)
		require.Empty(t, s.CapAdd, name)
		require.Contains(t, s.SecurityOpt, "no-new-privileges:true", name)
		for _, port := range s.Ports {
			require.Equal(t, "127.0.0.1", port.HostIP, "%s: development listens on this machine only", name)
		}
		if !once[name] {
			require.NotNil(t, s.HealthCheck, "%s has no health check", name)
		}
	}
}

// Whoever needs a part waits until it can be used, not until it was started.
func TestServicesWaitForEachOther(t *testing.T) {
	t.Parallel()
	for name, s := range project(t).Services {
		for other, d := range s.DependsOn {
			want := types.ServiceConditionHealthy
			if once[other] {
				want = types.ServiceConditionCompletedSuccessfully
			}
			// Compose adds the one whose network is shared by itself.
			if s.NetworkMode == "service:"+other && d.Condition == types.ServiceConditionStarted {
				continue
			}
			require.Equal(t, want, d.Condition, "%s waits for %s", name, other)
		}
	}
}

// What a service runs is what the binaries offer, flags and all.
func TestCommandsAreVerbs(t *testing.T) {
	t.Parallel()
	for name, s := range project(t).Services {
		if s.Build == nil {
			continue
		}
		folder, program, binary := "..", "./cmd/voicehive", "voicehive"
		if s.Build.Target == "devstack" {
			folder, program, binary = "../devstack", ".", "devstack"
		}
		command := exec.CommandContext(t.Context(), "go", append([]string{"run", "-C", folder, program}, append(s.Command, "--help")...)...)
		output, err := command.CombinedOutput()
		require.NoError(t, err, "%s: %s", name, output)
		require.Contains(t, string(output), "Usage:\n  "+binary+" "+verb(s.Command)+" ", "%s: no such verb", name)
	}
}

// verb is how help names a command: its words, without arguments.
func verb(command []string) string {
	var words []string
	for _, word := range command {
		if !regexp.MustCompile(`^[a-z-]+$`).MatchString(word) || strings.HasPrefix(word, "-") {
			break
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

// Every image that is shipped runs as a numbered user: Kubernetes can then
// tell that it is not root.
func TestImagesRunAsNobody(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("Dockerfile")
	require.NoError(t, err)
	stages := regexp.MustCompile(`(?m)^FROM `).Split(string(text), -1)[1:]
	targets := 0
	for _, stage := range stages {
		head, _, _ := strings.Cut(stage, "\n")
		if strings.HasPrefix(head, "${RUN_IMAGE} ") {
			targets++
			require.Regexp(t, `(?m)^USER 65532:65532\nENTRYPOINT \["/`, stage, head)
		}
	}
	require.Equal(t, 2, targets)
	require.NotContains(t, string(text), ":latest")
	require.NotContains(t, string(text), "--privileged")
}
