import type {
  IMovableSectionSource,
  ISectionEntry
} from '@jupyterlab/apputils';
import type { ITranslator } from '@jupyterlab/translation';
import { SidePanel } from '@jupyterlab/ui-components';
import { DisposableDelegate, IDisposable } from '@lumino/disposable';
import { Message, MessageLoop } from '@lumino/messaging';
import { ISignal, Signal } from '@lumino/signaling';
import { AccordionPanel, Widget } from '@lumino/widgets';
import { glyphIcon } from '../../components/icons';
import { DOMAIN, IMLRunPanel, IPanelSection } from '../../tokens';

/** The id of the panel's widget. */
export const PANEL_ID = 'jupyter-mlrun-panel';

/** The MLRun panel in the sidebar. */
export class MLRunPanel
  extends SidePanel
  implements IMLRunPanel, IMovableSectionSource
{
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
    this._heights.observe(this.accordionPanel.node);
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
    this._arrange();
    const entry = this._entryOf(section.widget);
    if (entry) {
      this._sectionAdded.emit(entry);
    }
    return new DisposableDelegate(() => {
      this._sections = this._sections.filter(other => other !== section);
      section.widget.parent = null;
    });
  }

  focusFilter(): void {
    this.node.querySelector<HTMLElement>('.jp-mlrun-filter input')?.focus();
  }

  /** The accordion that holds the sections. */
  get accordionPanel(): AccordionPanel {
    return this.content as AccordionPanel;
  }

  /** Emitted with a section that was added, for those who move sections. */
  get sectionAdded(): ISignal<this, ISectionEntry> {
    return this._sectionAdded;
  }

  /** The sections that stand here now: users can move each to another panel. */
  getSections(): readonly ISectionEntry[] {
    return this.accordionPanel.widgets.flatMap(widget => {
      const entry = this._entryOf(widget);
      return entry ? [entry] : [];
    });
  }

  removeSectionById(id: string): Widget | null {
    const widget = this.accordionPanel.widgets.find(each => each.id === id);
    if (widget) {
      widget.parent = null;
    }
    return widget ?? null;
  }

  reinsertSection(widget: Widget): void {
    const section = this._sections.find(each => each.widget === widget);
    const here = this.accordionPanel.widgets;
    const before = this._sections.filter(
      other =>
        section && other.rank < section.rank && here.includes(other.widget)
    );
    this.insertWidget(before.length, widget);
    this._arrange();
  }

  protected onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    if (!this.node.contains(document.activeElement)) {
      this._sections[0]?.focus();
    }
  }

  dispose(): void {
    this._heights.disconnect();
    super.dispose();
  }

  private _onKey(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    if (event.key === '/' && !target.closest('input, textarea')) {
      event.preventDefault();
      event.stopPropagation();
      this.focusFilter();
    }
  }

  /** The order of the page is that of the eye: so Tab goes from section to section. */
  private _arrange(): void {
    const { node, titles, widgets } = this.accordionPanel;
    widgets.forEach((widget, index) => {
      node.append(titles[index], widget.node);
    });
  }

  private _entryOf(widget: Widget): ISectionEntry | null {
    const { titles, widgets } = this.accordionPanel;
    const titleNode = titles[widgets.indexOf(widget)];
    return titleNode ? { id: widget.id, widget, titleNode } : null;
  }

  // the header grows by itself, with a note or when it is first drawn: Lumino hears of no height
  private _heights = new ResizeObserver(() =>
    MessageLoop.postMessage(
      this.accordionPanel,
      Widget.ResizeMessage.UnknownSize
    )
  );
  private _sectionAdded = new Signal<this, ISectionEntry>(this);
  private _sections: IPanelSection[] = [];
  private _filter = '';
  private _filterChanged = new Signal<this, string>(this);
}
