import React from 'react';
import { Boundary } from './boundary';
import { isRightToLeft } from './direction';

/** A section of an object's tab. */
export interface ISection {
  id: string;
  label: string;
  /** Drawn small behind the label. */
  count?: number | null;
  /** Choosing it with the arrows alone does not open it (sections that cost a request). */
  manual?: boolean;
  render: () => React.ReactNode;
}

/** Header, one line of facts, section strip and the open section: every object's tab. */
export function ObjectTab(props: {
  icon: React.ReactNode;
  name: string;
  /** What stands beside the name: state, id. */
  subtitle?: React.ReactNode;
  actions?: React.ReactNode;
  facts?: React.ReactNode;
  notes?: React.ReactNode;
  sections: readonly ISection[];
  section: string;
  sectionsLabel: string;
  onSection: (id: string) => void;
}) {
  const current =
    props.sections.find(section => section.id === props.section) ??
    props.sections[0];
  const id = React.useId();
  return (
    <div
      className="jp-mlrun-object"
      onKeyDown={event => {
        const target = event.target as HTMLElement;
        if (target.closest('input, textarea, select, [contenteditable]')) {
          return;
        }
        const step = event.key === ']' ? 1 : event.key === '[' ? -1 : 0;
        const next = props.sections[props.sections.indexOf(current) + step];
        if (step && next) {
          props.onSection(next.id);
        }
      }}
    >
      <div className="jp-mlrun-object-header">
        {props.icon}
        <h1 title={props.name}>
          <bdi>{props.name}</bdi>
        </h1>
        <span className="jp-mlrun-object-subtitle">{props.subtitle}</span>
        <span className="jp-mlrun-grow" />
        {props.actions}
      </div>
      {props.facts && <div className="jp-mlrun-facts">{props.facts}</div>}
      {props.notes}
      <SectionStrip {...props} current={current} id={id} />
      <div
        className="jp-mlrun-object-body"
        role="tabpanel"
        id={`${id}-panel`}
        aria-labelledby={`${id}-${current.id}`}
        tabIndex={0}
      >
        <Boundary key={current.id}>{current.render()}</Boundary>
      </div>
    </div>
  );
}

function SectionStrip(props: {
  sections: readonly ISection[];
  current: ISection;
  sectionsLabel: string;
  id: string;
  onSection: (id: string) => void;
}) {
  const strip = React.useRef<HTMLDivElement>(null);
  const move = (event: React.KeyboardEvent, index: number) => {
    const last = props.sections.length - 1;
    const ahead = isRightToLeft(event.currentTarget) ? -1 : 1;
    const to = {
      ArrowRight: index + ahead,
      ArrowLeft: index - ahead,
      Home: 0,
      End: last
    }[event.key];
    if (to === undefined || to < 0 || to > last) {
      return;
    }
    event.preventDefault();
    strip.current?.querySelectorAll<HTMLElement>('[role=tab]')[to].focus();
    if (!props.sections[to].manual) {
      props.onSection(props.sections[to].id);
    }
  };
  return (
    <div
      ref={strip}
      className="jp-mlrun-strip"
      role="tablist"
      aria-label={props.sectionsLabel}
    >
      {props.sections.map((section, index) => (
        <button
          key={section.id}
          type="button"
          role="tab"
          id={`${props.id}-${section.id}`}
          aria-controls={`${props.id}-panel`}
          aria-selected={section === props.current}
          tabIndex={section === props.current ? 0 : -1}
          onClick={() => props.onSection(section.id)}
          onKeyDown={event => move(event, index)}
        >
          {section.label}
          {section.count !== undefined && section.count !== null && (
            <i>{section.count}</i>
          )}
        </button>
      ))}
    </div>
  );
}
