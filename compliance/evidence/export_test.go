package evidence

import "context"

// Judge answers the controls and writes no pack.
func (c Collector) Judge(ctx context.Context, r Request) ([]Result, error) {
	j := &job{Collector: c, Request: r}
	defer j.close()
	for _, step := range []func(context.Context) error{j.prepare, j.exportLogs, j.judgeAll} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return j.results, nil
}

// ParseControls reads another list of controls.
var ParseControls = parseControls
