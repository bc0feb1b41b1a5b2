// GOV.UK and MOJ Frontend ship no types. What of them is used here:

declare module "govuk-frontend" {
  /** A component class: started once for each element with its data-module. */
  interface ComponentClass {
    new (root: Element, config?: object): object;
    readonly moduleName: string;
  }
  /** Starts the component on each of its elements, in the page or a part of it; errors go to the console, not to the page. */
  export function createAll(component: ComponentClass, config?: object, scope?: Element): object[];
  export const Accordion: ComponentClass;
  export const Button: ComponentClass;
  export const CharacterCount: ComponentClass;
  export const Checkboxes: ComponentClass;
  export const ErrorSummary: ComponentClass;
  export const FileUpload: ComponentClass;
  export const NotificationBanner: ComponentClass;
  export const PasswordInput: ComponentClass;
  export const Radios: ComponentClass;
  export const SkipLink: ComponentClass;
  export const Tabs: ComponentClass;
}

declare module "@ministryofjustice/frontend/moj/components/add-another/add-another.mjs" {
  import type { ComponentClass } from "govuk-frontend";
  export const AddAnother: ComponentClass;
}
