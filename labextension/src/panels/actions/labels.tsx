import { Dialog, Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import React from 'react';
import type { IRunRef, IRunRow } from '../../api/documents';
import { reasonOf } from '../../api/request';
import { readRun, setLabels } from '../../api/runs';
import { IconButton } from '../../components/button';
import { Icon } from '../../components/icon';
import { TranslationProvider, useTrans } from '../../components/translation';
import {
  changedLabels,
  commonLabels,
  ILabel,
  labelProblem
} from '../../models/labels';
import { rowOf } from '../../models/run';
import type { IMLRunService } from '../../tokens';

/** Change the labels of runs in a dialog; those that only some of them have are left alone. */
export async function editLabels(
  runs: readonly IRunRef[],
  service: IMLRunService,
  trans: TranslationBundle
): Promise<void> {
  const rows = await Promise.all(
    runs.map(async ref => rowOf(await readRun(service.settings, ref)))
  );
  const before = commonLabels(rows.map(row => row.labels));
  const body = new LabelsForm(before, trans);
  const [first] = rows;
  const dialog = new Dialog<ILabel[]>({
    title:
      rows.length === 1
        ? trans.__('Labels of %1', first.name)
        : trans.__('Labels of %1 runs', rows.length),
    body,
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.okButton({ label: trans.__('Save') })
    ],
    focusNodeSelector: 'input'
  });
  const answer = await dialog.launch();
  if (answer.button.accept && answer.value) {
    const after = answer.value.filter(({ name }) => name.trim());
    await Promise.all(
      rows.map(row => saveOne(row, before, after, service, trans))
    );
  }
}

async function saveOne(
  row: IRunRow,
  before: readonly ILabel[],
  after: readonly ILabel[],
  service: IMLRunService,
  trans: TranslationBundle
): Promise<void> {
  const labels = changedLabels(row.labels, before, after);
  service.suppose({ ...row, labels });
  try {
    await setLabels(service.settings, row, labels);
  } catch (reason) {
    service.suppose(row);
    Notification.error(
      trans.__(
        'The labels of %1 stay as they were: %2',
        row.name,
        reasonOf(reason)
      ),
      { autoClose: false }
    );
  }
}

class LabelsForm extends ReactWidget implements Dialog.IBodyWidget<ILabel[]> {
  constructor(
    labels: readonly ILabel[],
    private _trans: TranslationBundle
  ) {
    super();
    this._labels = [...labels, { name: '', value: '' }];
    this.addClass('jp-mlrun-labels');
  }

  getValue(): ILabel[] {
    return this._labels;
  }

  protected render() {
    return (
      <TranslationProvider value={this._trans}>
        <Labels
          labels={this._labels}
          onChange={labels => {
            this._labels = labels;
            this.update();
          }}
        />
      </TranslationProvider>
    );
  }

  private _labels: ILabel[];
}

function Labels(props: {
  labels: ILabel[];
  onChange: (labels: ILabel[]) => void;
}) {
  const trans = useTrans();
  const { labels, onChange } = props;
  const change = (index: number, part: Partial<ILabel>) =>
    onChange(
      labels.map((label, at) => (at === index ? { ...label, ...part } : label))
    );
  const problem = labelProblem(labels, trans);
  return (
    <>
      {labels.map((label, index) => (
        <div key={index} className="jp-mlrun-labels-row">
          <input
            type="text"
            aria-label={trans.__('Name of label %1', index + 1)}
            placeholder={trans.__('name')}
            value={label.name}
            onChange={event => change(index, { name: event.target.value })}
          />
          <span aria-hidden="true">=</span>
          <input
            type="text"
            aria-label={trans.__('Value of label %1', index + 1)}
            placeholder={trans.__('value')}
            value={label.value}
            onChange={event => change(index, { value: event.target.value })}
          />
          <IconButton
            icon="close"
            label={trans.__('Remove label %1', label.name || index + 1)}
            onClick={() => onChange(labels.filter((_, at) => at !== index))}
          />
        </div>
      ))}
      <button
        type="button"
        className="jp-mlrun-button"
        onClick={() => onChange([...labels, { name: '', value: '' }])}
      >
        <Icon name="plus" size={14} />
        {trans.__('Add a label')}
      </button>
      {problem && (
        <div className="jp-mlrun-filter-problem" role="status">
          {problem}
        </div>
      )}
    </>
  );
}
