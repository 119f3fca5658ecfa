import type { ITranslator } from '@jupyterlab/translation';
import { SidePanel } from '@jupyterlab/ui-components';
import { DisposableDelegate, IDisposable } from '@lumino/disposable';
import type { Message } from '@lumino/messaging';
import { ISignal, Signal } from '@lumino/signaling';
import { AccordionPanel, Widget } from '@lumino/widgets';
import { glyphIcon } from '../../components/icons';
import { DOMAIN, IMLRunPanel, IPanelSection } from '../../tokens';

/** The id of the panel's widget. */
export const PANEL_ID = 'jupyter-mlrun-panel';

/** The MLRun panel in the sidebar. */
export class MLRunPanel extends SidePanel implements IMLRunPanel {
  constructor(translator: ITranslator, header: (panel: IMLRunPanel) => Widget) {
    super({ translator });
    const trans = translator.load(DOMAIN);
    this.id = PANEL_ID;
    this.addClass('jp-mlrun-panel');
    this.title.icon = glyphIcon('mlrun');
    this.title.caption = trans.__('MLRun');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('MLRun'));
    this.header.addWidget(header(this));
    this.node.addEventListener('keydown', event => this._onKey(event));
  }

  get widget(): Widget {
    return this;
  }

  get filter(): string {
    return this._filter;
  }

  set filter(value: string) {
    if (value !== this._filter) {
      this._filter = value;
      this._filterChanged.emit(value);
    }
  }

  get filterChanged(): ISignal<this, string> {
    return this._filterChanged;
  }

  addSection(section: IPanelSection): IDisposable {
    const index = this._sections.findIndex(other => other.rank > section.rank);
    const place = index < 0 ? this._sections.length : index;
    this._sections.splice(place, 0, section);
    this.insertWidget(place, section.widget);
    return new DisposableDelegate(() => {
      this._sections = this._sections.filter(other => other !== section);
      section.widget.parent = null;
    });
  }

  focusFilter(): void {
    this.node.querySelector<HTMLElement>('.jp-mlrun-filter input')?.focus();
  }

  /** The accordion that holds the sections. */
  get accordion(): AccordionPanel {
    return this.content as AccordionPanel;
  }

  protected onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    if (!this.node.contains(document.activeElement)) {
      this._sections[0]?.focus();
    }
  }

  private _onKey(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    if (event.key === '/' && !target.closest('input, textarea')) {
      event.preventDefault();
      event.stopPropagation();
      this.focusFilter();
    }
  }

  private _sections: IPanelSection[] = [];
  private _filter = '';
  private _filterChanged = new Signal<this, string>(this);
}
