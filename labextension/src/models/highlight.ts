import type { IEditorLanguageRegistry } from '@jupyterlab/codemirror';

/** Draws highlighted code into an element. */
export type Highlighter = (
  code: string,
  language: string,
  element: HTMLElement
) => Promise<void>;

/** Highlighting by the editor's languages, where there is an editor. */
export function highlighterOf(
  languages: IEditorLanguageRegistry | null
): Highlighter | null {
  return (
    languages &&
    ((code, language, element) =>
      languages.highlight(code, languages.findByName(language), element))
  );
}
