import React from 'react';
import { Icon } from '../../components/icon';
import { FilterBar } from '../../components/filterBar';
import { useTrans } from '../../components/translation';
import { formatMoment, parseTime } from '../../format';
import {
  FILTER_WORDS,
  filterProblem,
  filterWords,
  isCondition,
  parseFilter
} from '../../models/filter';
import type { RunList } from '../../models/runList';

const TYPING_DELAY = 200;

interface IParts {
  chips: readonly string[];
  text: string;
}

/** Conditions that are finished become chips; words stay to be typed on. */
function split(q: string): IParts {
  const all = filterWords(q);
  return {
    chips: all.filter(isCondition),
    text: all.filter(word => !isCondition(word)).join(' ')
  };
}

function join({ chips, text }: IParts): string {
  return [...chips, text.trim()].filter(Boolean).join(' ');
}

/** The filter of the table: chips and text. */
export function TableFilter({ list }: { list: RunList }) {
  const trans = useTrans();
  const [parts, setParts] = React.useState(() => split(list.query.q));
  const told = React.useRef(list.query.q);
  const timer = React.useRef<ReturnType<typeof setTimeout>>();
  React.useEffect(() => {
    if (list.query.q !== told.current) {
      told.current = list.query.q;
      setParts(split(list.query.q));
    }
  }, [list.query.q]);
  const change = (next: IParts, wait = 0) => {
    setParts(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      told.current = join(next);
      list.setQuery({ q: told.current });
    }, wait);
  };
  const commit = (text: string) => {
    const found = split(text);
    if (found.chips.length) {
      change({ chips: [...parts.chips, ...found.chips], text: found.text });
    }
  };
  const { chips } = parts;
  return (
    <FilterBar
      value={parts.text}
      placeholder={
        chips.length
          ? trans.__('Add a filter')
          : trans.__('Add a filter, e.g. results.accuracy>0.95')
      }
      problem={filterProblem(parseFilter(parts.text), trans)}
      suggestions={FILTER_WORDS}
      before={chips.map((chip, index) => (
        <FilterChip
          key={chip}
          word={chip}
          onRemove={() =>
            change({
              ...parts,
              chips: chips.filter((_, other) => other !== index)
            })
          }
        />
      ))}
      onChange={text => {
        if (text === '' && parts.text === '') {
          change({ chips: [], text });
        } else if (/\s$/.test(text) && split(text).chips.length) {
          commit(text);
        } else {
          change({ chips, text }, TYPING_DELAY);
        }
      }}
      onEnter={() => commit(parts.text)}
      onBackspace={() => {
        const last = chips[chips.length - 1];
        if (last) {
          change({
            chips: chips.slice(0, -1),
            text: `${last} ${parts.text}`.trim()
          });
        }
      }}
    />
  );
}

function FilterChip(props: { word: string; onRemove: () => void }) {
  const trans = useTrans();
  const { word } = props;
  return (
    <span className="jp-mlrun-filterChip" title={word}>
      <bdi className="jp-mlrun-ellipsis">{chipText(word)}</bdi>
      <button
        type="button"
        aria-label={trans.__('Remove the filter %1', word)}
        onClick={props.onRemove}
      >
        <Icon name="close" size={10} />
      </button>
    </span>
  );
}

/** A condition as a chip shows it: times in local words. */
function chipText(word: string): string {
  const [, key, value] = /^(since|until):(.+)$/.exec(word) ?? [];
  const time = /^\d{4}-/.test(value ?? '') ? parseTime(value) : null;
  if (time !== null) {
    return `${key}: ${formatMoment(time, Date.now())}`;
  }
  return word.replace(/^([a-z]+):/, '$1: ').replaceAll('"', '');
}
