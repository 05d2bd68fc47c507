package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/voicehive/voicehive/activities/reconciliation"
	"github.com/voicehive/voicehive/connectors/registry"
)

// maxTasks bounds the tasks that are listed of one hotel.
const maxTasks = 500

func newTasks() *cobra.Command {
	group := &cobra.Command{
		Use:   "tasks",
		Short: "See and finish the work that only a person can do",
		Long: `See and finish the work that only a person can do: bookings whose outcome was
never told, and what reconciliation found and must not repair by itself.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	group.AddCommand(newTasksList(), newTasksShow(), newTasksDone())
	return group
}

func newTasksList() *cobra.Command {
	var hotel string
	var closed bool
	c := &cobra.Command{
		Use:   "list",
		Short: "List the open tasks of a hotel, or of all",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			p, err := openStores(c.Context(), "tasks")
			if err != nil {
				return err
			}
			defer p.close()
			hotels, err := p.hotels(c.Context(), hotel)
			if err != nil {
				return err
			}
			if hotel == "" {
				hotels = append(hotels, registry.System)
			}
			records := reconciliation.NewRecords(p.pool)
			all := []reconciliation.Task{}
			for _, id := range hotels {
				tasks, err := records.Tasks(c.Context(), id, closed, maxTasks)
				if err != nil {
					return err
				}
				all = append(all, tasks...)
			}
			rows := [][]string{{"HOTEL", "TASK", "KIND", "BOOKING", "SINCE", "DONE"}}
			for _, t := range all {
				rows = append(rows, []string{t.Hotel, t.ID, t.Kind, t.Booking, moment(t.CreatedAt), moment(t.ClosedAt)})
			}
			return show(c, all, func(w io.Writer) { table(w, rows...) })
		},
	}
	c.Flags().StringVar(&hotel, "hotel", "", "this hotel only")
	c.Flags().BoolVar(&closed, "all", false, "those that are done, too")
	return withJSON(c)
}

// hotels are the ids of all hotels, or the one that is named.
func (p *parts) hotels(ctx context.Context, only string) ([]string, error) {
	if only == registry.System { // tasks of the house
		return []string{only}, nil
	}
	if only != "" {
		hotel, err := p.registry.Hotel(ctx, only)
		return []string{hotel.ID}, err
	}
	all, err := p.registry.List(ctx)
	ids := make([]string, len(all))
	for i, hotel := range all {
		ids[i] = hotel.ID
	}
	return ids, err
}

func newTasksShow() *cobra.Command {
	return taskVerb("show HOTEL TASK", "Show a task and what to do", (*reconciliation.Records).Task)
}

func newTasksDone() *cobra.Command {
	return taskVerb("done HOTEL TASK", "Close a task; the same finding does not open it again", (*reconciliation.Records).Done)
}

// taskVerb does something with one task and prints it.
func taskVerb(use, short string, do func(*reconciliation.Records, context.Context, string, string) (reconciliation.Task, error)) *cobra.Command {
	return withJSON(&cobra.Command{
		Use:   use,
		Short: short,
		Args:  exactly(2, "a hotel's id and a task's"),
		RunE: func(c *cobra.Command, args []string) error {
			p, err := openStores(c.Context(), "tasks")
			if err != nil {
				return err
			}
			defer p.close()
			task, err := do(reconciliation.NewRecords(p.pool), c.Context(), args[0], args[1])
			if err != nil {
				return err
			}
			return show(c, task, func(w io.Writer) {
				table(w,
					[]string{"hotel", task.Hotel}, []string{"task", task.ID}, []string{"kind", task.Kind},
					[]string{"booking", task.Booking}, []string{"since", moment(task.CreatedAt)}, []string{"done", moment(task.ClosedAt)})
				fmt.Fprintf(w, "\n%s\n", task.Detail)
			})
		},
	})
}
