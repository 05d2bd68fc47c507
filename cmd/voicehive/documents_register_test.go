package main

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/connectors"
	"github.com/voicehive/voicehive/internal/config"
	"github.com/voicehive/voicehive/workers"
)

// TestEveryWayOutIsInTheRegister: a task queue, a connector or a setting that
// names another machine is in the register of processing, and nothing else is.
func TestEveryWayOutIsInTheRegister(t *testing.T) {
	t.Parallel()
	r, err := register.Load()
	require.NoError(t, err)
	for _, flaw := range slices.Concat(
		unlike("task queue", namesOf(r, register.Queue), queues()),
		unlike("connector", namesOf(r, register.Connector), connectors.Vendors()),
		unlike("connector's recipient", vendorsOf(r), connectors.Vendors()),
		unlike("setting", settingsOf(r), endpointSettings())) {
		t.Errorf("%s; write it into compliance/register/data", flaw)
	}
}

func TestAWayOutThatIsMissingIsNamed(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{
		"the register names the connector opera, which is not there",
		"the connector mews is not in the register",
	}, unlike("connector", []string{"apaleo", "opera"}, []string{"apaleo", "mews"}))
}

func unlike(what string, known, found []string) (flaws []string) {
	for _, name := range known {
		if !slices.Contains(found, name) {
			flaws = append(flaws, fmt.Sprintf("the register names the %s %s, which is not there", what, name))
		}
	}
	for _, name := range found {
		if !slices.Contains(known, name) {
			flaws = append(flaws, fmt.Sprintf("the %s %s is not in the register", what, name))
		}
	}
	return flaws
}

func namesOf(r register.Register, kind register.Kind) (names []string) {
	for _, s := range r.Stores {
		if s.Kind == kind {
			names = append(names, s.Name)
		}
	}
	return names
}

func vendorsOf(r register.Register) (names []string) {
	for _, p := range r.Recipients {
		if p.Vendor != "" {
			names = append(names, p.Vendor)
		}
	}
	return names
}

// settingsOf are the settings of all recipients that are addresses. Temporal
// reads its own, and two name files.
func settingsOf(r register.Register) (names []string) {
	for _, p := range r.Recipients {
		for name := range strings.SplitSeq(p.Setting, ", ") {
			if name != "" && name != "TEMPORAL_ADDRESS" && name != "VOICEHIVE_AUDIT_WITNESSES" && name != "VOICEHIVE_RECIPIENTS" {
				names = append(names, name)
			}
		}
	}
	return names
}

func endpointSettings() (names []string) {
	for _, e := range config.Endpoints() {
		names = append(names, e.Setting)
	}
	return names
}

// queues are those of a process that has every part, those too that are added
// later.
func queues() (names []string) {
	parts := workers.Parts{Vendors: connectors.Vendors()}
	fields := reflect.ValueOf(&parts).Elem()
	for i := range fields.NumField() {
		if f := fields.Field(i); f.Kind() == reflect.Pointer {
			f.Set(reflect.New(f.Type().Elem()))
		}
	}
	for _, pool := range workers.Table(parts) {
		for _, queue := range pool.Queues {
			names = append(names, queue.Name)
		}
	}
	return names
}
