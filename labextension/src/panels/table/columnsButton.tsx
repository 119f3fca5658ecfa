import React from 'react';
import { Icon } from '../../components/icon';
import { useTrans } from '../../components/translation';
import type { IColumn } from '../../models/columns';
import type { TableLayout } from '../../models/tableLayout';
import { columnLabel } from './header';

/** The button that opens the list of columns, to show or hide them. */
export function ColumnsButton(props: {
  columns: readonly IColumn[];
  layout: TableLayout;
}) {
  const trans = useTrans();
  const [open, setOpen] = React.useState(false);
  const button = React.useRef<HTMLButtonElement>(null);
  return (
    <span
      className="jp-mlrun-columns"
      onBlur={event => {
        if (!event.currentTarget.contains(event.relatedTarget)) {
          setOpen(false);
        }
      }}
      onKeyDown={event => {
        if (event.key === 'Escape' && open) {
          event.stopPropagation();
          setOpen(false);
          button.current?.focus();
        }
      }}
    >
      <button
        ref={button}
        type="button"
        className="jp-mlrun-button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <Icon name="columns" size={14} />
        {trans.__('Columns')}
        <Icon name="chevron" size={12} />
      </button>
      {open && (
        <div
          className="jp-mlrun-columns-list"
          role="group"
          aria-label={trans.__('Columns shown')}
          tabIndex={-1}
        >
          {props.columns
            .filter(column => column.id !== 'name')
            .map(column => (
              <label key={column.id}>
                <input
                  type="checkbox"
                  checked={!props.layout.hidden.has(column.id)}
                  onChange={() => props.layout.toggle(column.id)}
                />
                <bdi>{columnLabel(column, trans)}</bdi>
                {column.group === 'parameters' && (
                  <span className="jp-mlrun-dim">{trans.__('parameter')}</span>
                )}
                {column.group === 'results' && (
                  <span className="jp-mlrun-dim">{trans.__('result')}</span>
                )}
              </label>
            ))}
        </div>
      )}
    </span>
  );
}
